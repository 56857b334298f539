"""The trials as registered: readers, the library on disk, search, related trials, drafts."""
