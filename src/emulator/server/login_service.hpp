#pragma once

#include <emulator/server/http_message.hpp>
#include <emulator/server/token_registry.hpp>
#include <string>
#include <vector>

namespace kusto::emulator
{

struct login_settings
{
    std::string authority_url; ///< scheme, host and port
    std::string tenant;
    std::string client_id;
    std::string client_secret;
    std::vector<std::string> resources; ///< scopes are `{resource}/.default`
};

/// The error answer of the login endpoint.
/// \param error  `invalid_client`, ...
/// \param code  number behind `AADSTS`
[[nodiscard]] response login_error(int status, std::string const& error, int code,
                                   std::string const& text);

/// The sign-in half: client credentials with a secret, OpenID configuration, instance discovery.
///
/// \par Thread safety
/// All member functions may be called from any thread.
class login_service
{
public:
    login_service(login_settings settings, token_registry& tokens);

    response handle(request const& http);

private:
    response token(request const& http, std::string const& tenant);
    response openid_configuration(std::string const& tenant) const;
    response instance_discovery(request const& http) const;

    login_settings settings_;
    token_registry& tokens_;
};

} // namespace kusto::emulator
