#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace kusto
{

/// A bearer token and the time at which it stops being valid.
///
/// \par Thread safety
/// A value type.
class access_token
{
public:
    access_token() = default;
    access_token(std::string value, std::chrono::system_clock::time_point expires_on,
                 std::chrono::system_clock::time_point refresh_on = {});

    /// The token itself. A secret: it is never printed by the library.
    std::string value;
    /// The end of its validity.
    std::chrono::system_clock::time_point expires_on;
    /// When the issuer suggests to renew it; the epoch if it suggests nothing.
    std::chrono::system_clock::time_point refresh_on;
};

/// What a token is wanted for.
class token_request
{
public:
    token_request(std::string scope, std::string authority_host);

    /// For example `https://kusto.kusto.windows.net/.default`.
    std::string scope;
    /// Login endpoint of the cluster's cloud, for example `https://login.microsoftonline.com`.
    std::string authority_host;
};

/// A coroutine of the user's that obtains a token. It may throw; what it throws is reported as
/// `errc::authentication_failed`, and as something that passes: sinks try again. For a refusal that
/// stays throw a `kusto::error` whose failure is not `retryable()`. It is called on the client's
/// strand, never twice at a time, and again in the background before the token expires. It must
/// react to terminal cancellation: it is cancelled when it takes longer than 100 s, and while it
/// runs nobody else gets a token.
using token_callback =
    std::function<boost::asio::awaitable<access_token>(token_request request)>;

namespace detail
{
struct credential_data;
} // namespace detail

/// How the client proves who it is.
///
/// A cheap handle; copies share one immutable description. Secrets are kept in memory only and are
/// never printed: there is no `operator<<`, and `describe()` leaves them out.
///
/// \par Thread safety
/// Distinct and shared objects: safe.
class credential
{
public:
    /// No credential: requests carry no `Authorization`. Only allowed for loopback hosts.
    [[nodiscard]] static credential none();

    /// An application (service principal) of Microsoft Entra ID with its client secret.
    /// \param client_id  application id, a GUID
    /// \param client_secret  its secret; not empty
    /// \param tenant_id  directory id or verified domain name, for example `contoso.onmicrosoft.com`
    /// Bad values are reported when the options that hold the credential are validated.
    [[nodiscard]] static credential client_secret(std::string client_id, std::string client_secret,
                                                  std::string tenant_id);

    /// A coroutine that returns tokens.
    [[nodiscard]] static credential callback(token_callback get_token);

    /// A sentence without secrets, for example `client secret of application 0f1e...`.
    [[nodiscard]] std::string describe() const;

    /// Problems with the values, one sentence each; empty if there are none.
    [[nodiscard]] std::vector<std::string> problems() const;

    [[nodiscard]] detail::credential_data const& data() const noexcept { return *data_; }

private:
    explicit credential(std::shared_ptr<detail::credential_data const> data);
    std::shared_ptr<detail::credential_data const> data_;
};

} // namespace kusto
