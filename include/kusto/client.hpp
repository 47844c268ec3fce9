#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <kusto/deadline.hpp>
#include <kusto/options.hpp>
#include <kusto/table.hpp>
#include <memory>
#include <string>

namespace kusto
{

namespace detail
{
class client_state;
} // namespace detail

/// A connection to one cluster: credentials, tokens, ingestion resources and pooled connections,
/// shared by everything that talks to it.
///
/// A cheap handle; copies share one state. Nothing is sent before the first operation.
///
/// \par Executor
/// Work runs on strands of the executor given at construction; operations complete on the caller's.
///
/// \par Object lifetimes
/// The executor's context must outlive the last handle. Sinks made from a client keep its state.
///
/// \par Thread safety
/// Distinct and shared objects: safe.
class client
{
public:
    /// \throws options_error listing everything that is wrong with `where`
    client(boost::asio::any_io_executor executor, connection_options where);

    /// Obtains a token and the ingestion resources now instead of with the first batch, so that bad
    /// endpoints and credentials are found early.
    ///
    /// \par Errors
    /// `error` of the stages metadata, token and resources; `errc::timed_out` at the deadline.
    /// \par Cancellation
    /// Cancels the wait, not the shared request.
    [[nodiscard]] boost::asio::awaitable<void>
    connect(deadline until = deadline::after(std::chrono::minutes(1)));

    /// Runs a management command (it begins with a dot) on the engine.
    /// \param database  empty: the default database of the connection options
    /// \par Errors
    /// `errc::query_failed` or `errc::not_found` with the service's code and text; network errors.
    /// A command is not repeated after it may have reached the service.
    [[nodiscard]] boost::asio::awaitable<table>
    execute(std::string database, std::string command,
            deadline until = deadline::after(std::chrono::minutes(10)));

    /// Runs a query on the engine and returns its primary result. It is repeated when it failed for
    /// a reason that may pass. A reply of more than 16 MiB is `errc::reply_too_large`: summarize or
    /// `take` on the server.
    /// \par Errors
    /// As `execute`; also when the service reports an error after it sent a part of the rows.
    [[nodiscard]] boost::asio::awaitable<table>
    query(std::string database, std::string text,
          deadline until = deadline::after(std::chrono::minutes(4)));

    [[nodiscard]] connection_options const& options() const noexcept;
    [[nodiscard]] boost::asio::any_io_executor get_executor() const noexcept;

    /// For the library's own sinks.
    [[nodiscard]] std::shared_ptr<detail::client_state> const& state() const noexcept
    {
        return state_;
    }

private:
    std::shared_ptr<detail::client_state> state_;
};

} // namespace kusto
