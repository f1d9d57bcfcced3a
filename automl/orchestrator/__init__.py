"""The orchestrator: from a `SearchConfig` to a `SearchResult`; see `automl.orchestrator.search`.

It is not called ``search``, because ``automl.search`` is the function that users call.
"""
