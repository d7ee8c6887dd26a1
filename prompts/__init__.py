"""The templates a person may read and edit, one file a task, loaded by name."""
