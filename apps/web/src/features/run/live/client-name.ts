/** Names this page to the server: of its live questions of one kind only the newest is answered. */
export const CLIENT_NAME = Math.random().toString(36).slice(2);
