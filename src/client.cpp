#include <kusto/client.hpp>

#include <async/call_on.hpp>
#include <boost/asio/strand.hpp>
#include <client_transport.hpp>
#include <net/http_transport.hpp>
#include <service/client_state.hpp>
#include <utility>

namespace kusto
{

namespace asio = boost::asio;
using state_ptr = std::shared_ptr<detail::client_state>;

namespace
{

state_ptr make_state(asio::any_io_executor executor, connection_options where)
{
    auto problems = where.problems();
    if (!problems.empty())
        throw options_error(std::move(problems));
    auto transport = net::make_http_transport(executor, transport_for(where));
    if (!transport)
        throw error(transport.error());
    auto state =
        detail::client_state::make(std::move(executor), std::move(where), std::move(*transport));
    if (!state)
        throw error(state.error());
    return std::move(*state);
}

failure too_late(detail::client_state const& state, stage where, outcome what)
{
    return failure(errc::timed_out, where, "not completed within the deadline")
        .host(state.engine().endpoint().authority())
        .outcome(what);
}

/// A little later, so that what the operation itself has to say about the deadline comes first: it
/// knows the host, the step and the request.
deadline with_grace(deadline until)
{
    constexpr auto grace = std::chrono::milliseconds(250);
    auto const last = (deadline::time_point::max)() - grace;
    return until.when() > last ? until : deadline(until.when() + grace);
}

/// Runs `op` on a strand of its own: the caller's executor may be any.
template <class T>
asio::awaitable<T> completed(state_ptr state, asio::awaitable<result<T>> op, deadline until,
                             failure late)
{
    auto const strand = asio::make_strand(state->executor());
    auto done = co_await async::call_on(strand, std::move(op), with_grace(until), std::move(late),
                                        state->context()->time);
    if (!done)
        throw error(done.error());
    co_return std::move(*done);
}

asio::awaitable<result<service::snapshot_ptr>> get_resources(state_ptr state, deadline until)
{
    auto got = co_await state->resources()->get(until);
    co_return got;
}

asio::awaitable<void> run_connect(state_ptr state, deadline until)
{
    auto op = get_resources(state, until);
    auto late = too_late(*state, stage::resources, outcome::failed);
    co_await completed(state, std::move(op), until, std::move(late));
}

asio::awaitable<result<table>> run_command(state_ptr state, std::string database,
                                           std::string command, deadline until)
{
    auto done = co_await state->engine().execute(std::move(database), std::move(command), until);
    co_return done;
}

asio::awaitable<result<table>> run_query(state_ptr state, std::string database, std::string text,
                                         deadline until)
{
    auto done = co_await state->engine().query(std::move(database), std::move(text), until);
    co_return done;
}

} // namespace

client::client(asio::any_io_executor executor, connection_options where)
    : state_(make_state(std::move(executor), std::move(where)))
{
}

// Plain functions that hand the state to a coroutine: the handle need not outlive the operation.

asio::awaitable<void> client::connect(deadline until)
{
    return run_connect(state_, until);
}

asio::awaitable<table> client::execute(std::string database, std::string command, deadline until)
{
    if (database.empty())
        database = options().default_database();
    auto op = run_command(state_, std::move(database), std::move(command), until);
    // The service may have executed a command whose answer did not come in time.
    return completed(state_, std::move(op), until, too_late(*state_, stage::command, outcome::unknown));
}

asio::awaitable<table> client::query(std::string database, std::string text, deadline until)
{
    if (database.empty())
        database = options().default_database();
    auto op = run_query(state_, std::move(database), std::move(text), until);
    return completed(state_, std::move(op), until, too_late(*state_, stage::query, outcome::failed));
}

connection_options const& client::options() const noexcept
{
    return state_->options();
}

asio::any_io_executor client::get_executor() const noexcept
{
    return state_->executor();
}

} // namespace kusto
