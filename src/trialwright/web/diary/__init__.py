"""The pages on which participants write their diaries: without an account, by link and code."""
