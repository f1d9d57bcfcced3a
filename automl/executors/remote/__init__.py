"""Workers on other machines, whatever carries the messages.

An executor for an engine such as Dask is two things: an `automl.executors.remote.engine.Engine`,
which knows the stations there are and carries one request to one of them, and a subclass of
`automl.executors.remote.executor.RemoteExecutor` that begins with it. On the other side the engine
hands each request to `automl.executors.remote.station.Station.handle`, and its answer back.

A *station* is a process of the engine's on some machine, with one slot or more. A *slot* runs our
own `automl.executors.process.ProcessExecutor` with one worker, so time and memory limits, kills and
replaced workers are there what they are here.

A request and its answer are bytes; see `automl.executors.remote.wire`. What a station answers is
data that is checked, and nothing in it is ever unpickled.
"""
