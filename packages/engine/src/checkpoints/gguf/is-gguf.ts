/** Whether a model is given as a GGUF file. */
export const isGguf = (source: string): boolean => /\.gguf$/i.test(source);
