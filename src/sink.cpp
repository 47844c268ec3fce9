#include <kusto/sink.hpp>

#include <service/client_state.hpp>
#include <sink/sink_state.hpp>
#include <utility>
#include <vector>

namespace kusto
{

namespace
{

/// Both sets of options are checked before anything is made, so that all problems are reported.
connection_options checked(connection_options connection, write_options const& options)
{
    auto problems = connection.problems();
    auto more = options.problems();
    problems.insert(problems.end(), more.begin(), more.end());
    if (!problems.empty())
        throw options_error(std::move(problems));
    return connection;
}

std::shared_ptr<detail::sink_state> make_state(client const& service, write_options options)
{
    if (auto problems = options.problems(); !problems.empty())
        throw options_error(std::move(problems));
    auto const& state = service.state();
    auto const& where = service.options();
    sink::environment around(base::logger(where.least_log_level(), where.log_to()),
                             state->context()->time);
    auto channel = service::make_queued_channel(state, options);
    return sink::make_sink_state(service.get_executor(), std::move(channel), std::move(options),
                                 std::move(around));
}

} // namespace

batching_sink::batching_sink(boost::asio::any_io_executor executor, connection_options connection,
                             write_options options)
    : batching_sink(client(std::move(executor), checked(std::move(connection), options)),
                    write_options(options))
{
}

batching_sink::batching_sink(client service, write_options options)
    : record_port(make_state(service, std::move(options)), detail::any_writer)
{
}

} // namespace kusto
