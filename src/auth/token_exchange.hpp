#pragma once

#include <auth/token_source.hpp>
#include <base/time_text.hpp>
#include <base/url.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>
#include <wire/http.hpp>

namespace kusto::auth
{

/// The body of a token request, and what must not be shown of it.
class token_form
{
public:
    token_form(std::string body, std::vector<base::secret> hidden)
        : body(std::move(body)),
          hidden(std::move(hidden))
    {
    }

    base::secret body;
    /// Removed from everything that the server says, in case it repeats what it was sent.
    std::vector<base::secret> hidden;
    /// Whom to expect at the endpoint; null: the usual trust.
    std::shared_ptr<async::tls_peer const> peer;
};

/// Makes the form anew for each attempt, so that assertions and files are fresh.
/// \param now  the time for assertions: this machine's, or the server's after it said that the
///        clocks differ
using form_maker = std::function<result<token_form>(base::utc_time_point now)>;

/// Posts forms to token endpoints. Lives on one strand.
class token_exchange
{
public:
    /// \param name  of the credential, for messages
    token_exchange(source_context with, std::string name);

    /// Posts until there is a token: what may pass is repeated as `retry_options` say; an assertion
    /// that is outside of its validity (AADSTS700024, 50013, 500133) is made anew once.
    /// Errors: see `token_source::acquire`. Cancellation: terminal.
    [[nodiscard]] boost::asio::awaitable<result<issued_token>>
    acquire(base::url endpoint, form_maker make, deadline until);

    /// One request. \returns any reply, which may repeat what it was sent
    /// \param body  outlives the operation
    /// \param peer  null: the usual trust
    /// Errors: those of the network. Cancellation: terminal.
    [[nodiscard]] boost::asio::awaitable<result<async::http_response>>
    post(base::url endpoint, base::secret const& body, std::string request_id, deadline until,
         std::shared_ptr<async::tls_peer const> peer = nullptr);

    [[nodiscard]] std::string const& name() const noexcept { return name_; }
    [[nodiscard]] source_context const& context() const noexcept { return with_; }
    /// `why` with the credential's name at its end.
    [[nodiscard]] failure named(failure const& why) const;

private:
    [[nodiscard]] boost::asio::awaitable<result<issued_token>>
    ask(base::url endpoint, form_maker const& make, deadline until);
    [[nodiscard]] boost::asio::awaitable<result<issued_token>>
    ask_once(base::url endpoint, form_maker const& make, base::utc_time_point now, deadline until);

    source_context with_;
    std::string name_;
    /// The server's clock less ours, as of its last reply; 0 if they differ by more than a day.
    std::chrono::seconds offset_{0};
};

} // namespace kusto::auth
