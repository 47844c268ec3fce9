#pragma once

#include <auth/token_provider.hpp>
#include <base/url.hpp>
#include <boost/asio/awaitable.hpp>
#include <core/retry_planner.hpp>
#include <kusto/deadline.hpp>
#include <kusto/error.hpp>
#include <kusto/table.hpp>
#include <memory>
#include <service/service_context.hpp>
#include <string>

namespace kusto::service
{

/// Which failed commands are sent again.
enum class repetition
{
    not_executed, ///< those that certainly were not executed: never sent, or throttled
    idempotent,   ///< all that may succeed later
};

/// Management commands and queries of one endpoint (engine or ingestion service).
///
/// A 401 makes it obtain another token and repeat the request once.
///
/// \par Executor
/// Operations run on the caller's strand.
/// \par Thread safety
/// Shared use is safe: it has no state of its own.
class management_client
{
public:
    management_client(std::shared_ptr<service_context const> context,
                      std::shared_ptr<auth::token_provider> tokens, base::url endpoint)
        : context_(std::move(context)),
          tokens_(std::move(tokens)),
          endpoint_(std::move(endpoint))
    {
    }

    /// Runs a management command and returns its table. `where` is the stage of its failures. The
    /// outcome of a failure is `unknown` when a command that is not idempotent may have been
    /// executed all the same: its answer was lost, made no sense, or says so (`wire::may_be_done`).
    /// Cancellation: terminal.
    [[nodiscard]] boost::asio::awaitable<result<table>>
    execute(std::string database, std::string command, deadline until, stage where = stage::command,
            repetition again = repetition::not_executed) const;

    /// Runs a query and returns its primary result. Cancellation: terminal.
    [[nodiscard]] boost::asio::awaitable<result<table>>
    query(std::string database, std::string text, deadline until) const;

    /// Of its tokens: `token_provider::awaited`.
    [[nodiscard]] std::string awaited() const { return tokens_->awaited(); }

    [[nodiscard]] base::url const& endpoint() const noexcept { return endpoint_; }

private:
    /// One request, described.
    struct request;
    /// What became of one exchange.
    struct exchange;

    [[nodiscard]] static core::remedy remedy_for(exchange const& done, repetition again);
    [[nodiscard]] boost::asio::awaitable<result<table>> run(request what, deadline until) const;
    [[nodiscard]] boost::asio::awaitable<exchange> attempt(request const& what,
                                                           deadline until) const;
    [[nodiscard]] boost::asio::awaitable<exchange> send(request const& what, base::secret token,
                                                        deadline until) const;

    [[nodiscard]] static exchange judge(request const& what, async::http_response const& response,
                                        std::string const& id);

    std::shared_ptr<service_context const> context_;
    std::shared_ptr<auth::token_provider> tokens_;
    base::url endpoint_;
};

} // namespace kusto::service
