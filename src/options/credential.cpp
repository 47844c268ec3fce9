#include <kusto/credential.hpp>

#include <base/guid.hpp>
#include <options/credential_data.hpp>
#include <options/credential_problems.hpp>

namespace kusto
{

namespace
{

/// Somebody may have swapped the arguments: what is no GUID might be the secret.
std::string application(std::string_view client_id)
{
    auto const id = base::guid::parse(client_id);
    return id ? "application " + id->to_string()
              : std::string("an application whose id is not a GUID");
}

std::string text_of(detail::no_credential const&)
{
    return "no credential";
}

std::string text_of(detail::client_secret_data const& data)
{
    return "client secret of " + application(data.client_id);
}

std::string text_of(detail::client_certificate_data const& data)
{
    return "client certificate of " + application(data.client_id);
}

std::string text_of(detail::workload_identity_data const& data)
{
    return data.client_id.empty() ? std::string("workload identity")
                                  : "workload identity of " + application(data.client_id);
}

std::string text_of(detail::managed_identity_data const& data)
{
    using kind = identity_id::kind;
    auto const& id = data.id;
    auto const guid = base::guid::parse(id.value());
    auto const shown = guid ? guid->to_string() : std::string("that is not a GUID");
    switch (id.what())
    {
    case kind::client:
        return "managed identity with client id " + shown;
    case kind::object:
        return "managed identity with object id " + shown;
    case kind::resource:
        return "managed identity with a resource id";
    case kind::system:
        break;
    }
    return "managed identity of the system";
}

std::string text_of(detail::azure_cli_data const&)
{
    return "Azure CLI";
}

std::string text_of(detail::device_code_data const&)
{
    return "device code";
}

std::string text_of(detail::static_token_data const&)
{
    return "static token";
}

std::string text_of(detail::callback_data const&)
{
    return "token callback";
}

std::string text_of(detail::environment_data const&)
{
    return "credential of the environment variables";
}

std::string text_of(detail::chain_data const& data)
{
    std::string text = "chain of";
    char const* between = " ";
    for (auto const& link : data.links)
    {
        text.append(between).append(link.describe());
        between = ", ";
    }
    return text;
}

std::string text_of(detail::default_chain_data const&)
{
    return "default chain of credentials";
}

} // namespace

access_token::access_token(std::string value, std::chrono::system_clock::time_point expires_on,
                           std::chrono::system_clock::time_point refresh_on)
    : value(std::move(value)),
      expires_on(expires_on),
      refresh_on(refresh_on)
{
}

token_request::token_request(std::string scope, std::string authority_host, std::string claims)
    : scope(std::move(scope)),
      authority_host(std::move(authority_host)),
      claims(std::move(claims))
{
}

credential::credential(std::shared_ptr<detail::credential_data const> data) : data_(std::move(data))
{
}

namespace
{

template <class Kind>
std::shared_ptr<detail::credential_data const> data_for(Kind kind)
{
    return std::make_shared<detail::credential_data const>(
        detail::credential_data::kinds(std::move(kind)));
}

} // namespace

credential credential::none()
{
    return credential(data_for(detail::no_credential()));
}

credential credential::client_secret(std::string client_id, std::string client_secret,
                                     std::string tenant_id)
{
    detail::client_secret_data data;
    data.client_id = std::move(client_id);
    data.client_secret = base::secret(std::move(client_secret));
    data.tenant_id = std::move(tenant_id);
    return credential(data_for(std::move(data)));
}

credential credential::client_certificate(std::string client_id, certificate_source certificate,
                                          std::string tenant_id)
{
    detail::client_certificate_data data;
    data.client_id = std::move(client_id);
    data.tenant_id = std::move(tenant_id);
    data.path = certificate.path();
    data.content = base::secret(std::string_view(certificate.content()));
    data.password = base::secret(std::string_view(certificate.password()));
    data.send_chain = certificate.send_chain();
    return credential(data_for(std::move(data)));
}

credential credential::workload_identity(std::string client_id, std::string tenant_id,
                                         std::string token_file)
{
    detail::workload_identity_data data;
    data.client_id = std::move(client_id);
    data.tenant_id = std::move(tenant_id);
    data.token_file = std::move(token_file);
    return credential(data_for(std::move(data)));
}

credential credential::managed_identity(identity_id id)
{
    detail::managed_identity_data data;
    data.id = std::move(id);
    return credential(data_for(std::move(data)));
}

credential credential::azure_cli(std::string tenant_id, std::string subscription)
{
    detail::azure_cli_data data;
    data.tenant_id = std::move(tenant_id);
    data.subscription = std::move(subscription);
    return credential(data_for(std::move(data)));
}

credential credential::device_code(device_prompt_function show, std::string tenant_id,
                                   std::string client_id)
{
    detail::device_code_data data;
    data.show = std::move(show);
    data.tenant_id = std::move(tenant_id);
    data.client_id = std::move(client_id);
    return credential(data_for(std::move(data)));
}

credential credential::static_token(std::string token)
{
    detail::static_token_data data;
    data.token = base::secret(std::move(token));
    return credential(data_for(std::move(data)));
}

credential credential::callback(token_callback get_token)
{
    detail::callback_data data;
    data.get_token = std::move(get_token);
    return credential(data_for(std::move(data)));
}

credential credential::environment()
{
    return credential(data_for(detail::environment_data()));
}

credential credential::chain(std::vector<credential> links, bool remember)
{
    detail::chain_data data;
    data.links = std::move(links);
    data.remember = remember;
    return credential(data_for(std::move(data)));
}

credential credential::default_chain()
{
    return credential(data_for(detail::default_chain_data()));
}

std::string credential::describe() const
{
    return std::visit([](auto const& kind) { return text_of(kind); }, data_->what);
}

std::vector<std::string> credential::problems() const
{
    return options::problems_of(*data_);
}

} // namespace kusto
