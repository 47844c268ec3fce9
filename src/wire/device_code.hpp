#pragma once

#include <base/secret.hpp>
#include <base/url.hpp>
#include <chrono>
#include <string>
#include <string_view>
#include <wire/http.hpp>
#include <wire/token.hpp>

namespace kusto::wire
{

/// `{login_endpoint}/{tenant}/oauth2/v2.0/devicecode`; for the tenant `adfs`
/// `/adfs/oauth2/devicecode`. Errors: see `token_url`.
[[nodiscard]] result<base::url> device_code_url(std::string_view login_endpoint,
                                                std::string_view tenant);

/// \name Bodies of the requests; `claims` is JSON or empty
/// @{
[[nodiscard]] std::string device_code_form(std::string_view client_id, std::string_view scope);
/// Secret.
[[nodiscard]] std::string device_poll_form(std::string_view client_id, std::string_view device_code,
                                           std::string_view claims);
/// Secret.
[[nodiscard]] std::string refresh_token_form(std::string_view client_id,
                                             std::string_view refresh_token, std::string_view scope,
                                             std::string_view claims);
/// @}

class device_code_reply
{
public:
    device_code_reply() = default;

    base::secret device_code; ///< 1 to 4096 visible ASCII characters
    std::string user_code;
    std::string verification_url;
    std::string message;
    std::chrono::seconds expires_in{0}; ///< 1 s to an hour
    std::chrono::seconds interval{0};   ///< 1 s to a minute
};

/// Errors: as those of `parse_token`.
[[nodiscard]] result<device_code_reply> parse_device_code(reply const& from);

/// What an answer says that is no token yet.
enum class device_wait
{
    go_on,     ///< the person has not finished
    slow_down, ///< the same, and to be asked less often
    declined,
    expired, ///< the code is not valid any more
    unknown, ///< it never was
    none,    ///< something else: read it with `parse_token`
};
[[nodiscard]] device_wait device_wait_of(reply const& from);

} // namespace kusto::wire
