#include <wire/identity_dialect.hpp>

#include <algorithm>
#include <array>

namespace kusto::wire
{

namespace
{

constexpr std::array<identity_dialect, 6> dialects{{
    {identity_host::service_fabric, "Service Fabric", "2019-07-01-preview", "", "", "",
     "the cluster decides which identity an application has: assign it there, and use "
     "identity_id::system()"},
    {identity_host::app_service, "App Service", "2019-08-01", "client_id", "principal_id",
     "mi_res_id", ""},
    {identity_host::machine_learning, "Azure ML or App Service 2017-09-01", "2017-09-01",
     "clientid", "", "", "use identity_id::client with the identity's client id"},
    {identity_host::cloud_shell, "Cloud Shell", "", "", "", "",
     "it has the identity of the person who is signed in only: use identity_id::system()"},
    {identity_host::azure_arc, "Azure Arc", "2020-06-01", "client_id", "object_id", "msi_res_id",
     ""},
    {identity_host::imds, "IMDS", "2018-02-01", "client_id", "object_id", "msi_res_id", ""},
}};

} // namespace

identity_dialect const& dialect_of(identity_host host) noexcept
{
    auto const* const found =
        std::find_if(dialects.begin(), dialects.end(),
                     [host](identity_dialect const& d) { return d.host == host; });
    return *found;
}

std::string_view selector_of(identity_dialect const& speech, identity_id::kind kind) noexcept
{
    using id_kind = identity_id::kind;
    switch (kind)
    {
    case id_kind::client:
        return speech.client;
    case id_kind::object:
        return speech.object;
    case id_kind::resource:
        return speech.resource;
    case id_kind::system:
        break;
    }
    return {};
}

std::string_view to_string(identity_host host) noexcept
{
    return dialect_of(host).name;
}

} // namespace kusto::wire
