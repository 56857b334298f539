"""The library on disk: adding, reading back, checking, downloading, exporting."""
