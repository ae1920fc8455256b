"""A live database against the history at its own revision, and against the models. It is read, never written."""
