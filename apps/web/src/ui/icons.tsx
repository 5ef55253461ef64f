import type { ReactNode } from "react";

export interface IconProps {
  size?: number;
  className?: string;
}

const icon = (paths: ReactNode) =>
  function Icon({ size = 16, className }: IconProps) {
    return (
      <svg
        width={size}
        height={size}
        viewBox="0 0 16 16"
        fill="none"
        stroke="currentColor"
        strokeWidth={1.5}
        strokeLinecap="round"
        strokeLinejoin="round"
        aria-hidden="true"
        className={className}
      >
        {paths}
      </svg>
    );
  };

export const SearchIcon = icon(<path d="m13.5 13.5-3.2-3.2M11.5 7a4.5 4.5 0 1 1-9 0 4.5 4.5 0 0 1 9 0Z" />);
export const PlusIcon = icon(<path d="M8 3v10M3 8h10" />);
export const HelpIcon = icon(
  <>
    <circle cx="8" cy="8" r="6.2" />
    <path d="M6.3 6.2a1.8 1.8 0 1 1 2.6 1.7c-.6.3-.9.7-.9 1.3" />
    <path d="M8 11.2v.1" />
  </>,
);
export const TableIcon = icon(<path d="M2.5 3.5h11v9h-11zM2.5 6.5h11M2.5 9.5h11M6.2 6.5v6" />);
export const ChartIcon = icon(<path d="M2.5 2.5v11h11M5 10l2.6-3.2 2.2 1.7L13 4.5" />);
export const DownloadIcon = icon(<path d="M8 2.5v7m0 0L5.2 6.8M8 9.5l2.8-2.7M2.8 12.8h10.4" />);
export const CopyIcon = icon(<path d="M5.5 5.5h8v8h-8zM3.5 10.5h-1v-8h8v1" />);
export const CheckIcon = icon(<path d="m3 8.5 3.2 3.2L13 4.8" />);
export const CloseIcon = icon(<path d="m4 4 8 8m0-8-8 8" />);
export const SunIcon = icon(
  <>
    <circle cx="8" cy="8" r="2.8" />
    <path d="M8 1.5v1.2M8 13.3v1.2M1.5 8h1.2M13.3 8h1.2M3.4 3.4l.9.9M11.7 11.7l.9.9M3.4 12.6l.9-.9M11.7 4.3l.9-.9" />
  </>,
);
export const MoonIcon = icon(<path d="M13 9.6A5.6 5.6 0 0 1 6.4 3 5.6 5.6 0 1 0 13 9.6Z" />);
export const SystemIcon = icon(<path d="M2 3h12v8H2zM6 13.5h4M8 11v2.5" />);
export const ArrowRightIcon = icon(<path d="M3 8h10m0 0L9.2 4.2M13 8l-3.8 3.8" />);
export const ChevronIcon = icon(<path d="m6 4 4 4-4 4" />);
export const WarningIcon = icon(<path d="M8 2.2 14.3 13H1.7L8 2.2ZM8 6.5v3M8 11.3v.1" />);
export const TrashIcon = icon(<path d="M2.8 4.2h10.4M6.2 4V2.6h3.6V4M4.2 4.4l.6 9h6.4l.6-9" />);
export const CompareIcon = icon(<path d="M2.5 3.5h4v9h-4zM9.5 3.5h4v9h-4z" />);
export const PlayIcon = icon(<path d="M5 3.2v9.6L12.6 8 5 3.2Z" />);
export const RetryIcon = icon(<path d="M13 8a5 5 0 1 1-1.6-3.7M13 2.5v2.6h-2.6" />);
export const SortIcon = icon(<path d="m5 6.5 3-3 3 3M5 9.5l3 3 3-3" />);
export const TagIcon = icon(
  <>
    <path d="M2.5 2.5h5l6 6-5 5-6-6v-5Z" />
    <path d="M5.2 5.2v.1" />
  </>,
);
export const NoteIcon = icon(<path d="M3 2.5h10v7.5L9.8 13.5H3v-11ZM5.5 5.8h5M5.5 8.4h3" />);
export const FullScreenIcon = icon(<path d="M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10" />);
export const PinIcon = icon(<path d="M5.5 2.5h5M6.2 2.5v4L4.5 9h7L9.8 6.5v-4M8 9v4.5" />);
export const LinkIcon = icon(
  <path d="M6.8 9.2a2.6 2.6 0 0 0 3.7 0l2-2a2.6 2.6 0 1 0-3.7-3.7l-.8.8M9.2 6.8a2.6 2.6 0 0 0-3.7 0l-2 2a2.6 2.6 0 1 0 3.7 3.7l.8-.8" />,
);
export const PencilIcon = icon(<path d="M3 13l.7-3L10.6 3.1l2.3 2.3L6 12.3 3 13ZM9.2 4.5l2.3 2.3" />);
