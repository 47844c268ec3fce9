#pragma once

#include <string>
#include <wire/http.hpp>

namespace kusto::wire
{

/// What a cluster says about the cloud it is in. A default-constructed one holds the public cloud.
class cloud_metadata
{
public:
    cloud_metadata() = default;

    /// What a token is requested for: `https://kusto.kusto.windows.net/.default`.
    [[nodiscard]] std::string scope() const;

    std::string login_endpoint = "https://login.microsoftonline.com";
    bool names_login = false; ///< the cluster named the login endpoint itself
    std::string resource_id = "https://kusto.kusto.windows.net";
    std::string client_app_id = "db662dc1-0cfe-4e1c-a843-19a68e65be58";
    std::string client_redirect_uri = "https://microsoft/kustoclient";
    std::string first_party_authority =
        "https://login.microsoftonline.com/f8cdef31-a31e-4b4a-93e4-5f571e91255a";
    bool mfa_required = false;
};

/// Reads the reply to `GET /v1/rest/auth/metadata`. 404, and 200 without `AzureAD`, mean the
/// defaults; missing or empty fields mean the field's default.
[[nodiscard]] result<cloud_metadata> parse_metadata(reply const& from);

} // namespace kusto::wire
