"""Every read for a page or a report: functions that return plain frozen objects.

Each asks the policy first; what a person may not see is not in what it returns.
"""
