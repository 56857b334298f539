"""The sections of a trial's report, each told from a `ReportContext`."""
