#pragma once

#include <boost/json/object.hpp>
#include <emulator/server/client_authentication.hpp>
#include <emulator/server/device_sign_in.hpp>
#include <emulator/server/exact_parameters.hpp>
#include <emulator/server/http_message.hpp>
#include <emulator/server/login_answer.hpp>
#include <emulator/server/token_registry.hpp>
#include <functional>
#include <mutex>
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
    sign_in_options with = {};
};

/// The sign-in half: tokens for applications and for people with a device code, OpenID
/// configuration, instance discovery. With the tenant `adfs` it is an AD FS.
///
/// \par Thread safety
/// All member functions may be called from any thread.
class login_service
{
public:
    /// \param now  of the tokens; the identity provider's own clock runs ahead of it by
    ///   `sign_in_options::clock_offset`
    /// \throws std::runtime_error when a registered certificate or key is none
    login_service(login_settings settings, token_registry& tokens,
                  std::function<system_time()> now = std::chrono::system_clock::now);

    response handle(request const& http);
    /// \returns false when no device code waits under that user code
    bool decide_device_code(std::string const& user_code, bool approved);
    /// The `claims` parameters of all token requests that had one.
    [[nodiscard]] std::vector<std::string> requested_claims() const;

private:
    response route(request const& http);
    response token(request const& http, std::string const& tenant);
    response adfs_token(request const& http);
    response device_code(request const& http, std::string const& tenant);
    void check_tenant(std::string const& tenant, bool people) const;
    void check_client(std::string const& client_id, std::string const& tenant, bool people) const;
    void check_resource(std::string const& resource) const;
    /// The resource of the scopes.
    [[nodiscard]] std::string resource_of(std::string const& scope) const;
    [[nodiscard]] boost::json::object grant(exact_parameters const& form,
                                            std::string const& resource, bool people,
                                            boost::json::value claims);
    response openid_configuration(std::string const& tenant) const;
    response adfs_configuration() const;
    response instance_discovery(request const& http) const;

    login_settings settings_;
    token_registry& tokens_;
    std::function<system_time()> now_;
    client_authentication clients_;
    device_sign_in devices_;
    mutable std::mutex mutex_;
    std::vector<std::string> requested_claims_;
};

} // namespace kusto::emulator
