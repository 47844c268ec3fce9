#pragma once

#include <base/secret.hpp>
#include <kusto/credential.hpp>
#include <string>
#include <variant>
#include <vector>

namespace kusto::detail
{

struct no_credential
{
};

struct client_secret_data
{
    std::string client_id;
    base::secret client_secret;
    std::string tenant_id;
};

struct client_certificate_data
{
    std::string client_id;
    std::string tenant_id;
    std::string path;     ///< or else
    base::secret content; ///< PEM or PFX
    base::secret password;
    bool send_chain = false;
};

struct workload_identity_data
{
    std::string client_id; ///< what is empty is the environment's
    std::string tenant_id;
    std::string token_file;
};

struct managed_identity_data
{
    identity_id id = identity_id::system();
};

struct azure_cli_data
{
    std::string tenant_id;
    std::string subscription;
};

struct device_code_data
{
    device_prompt_function show;
    std::string tenant_id;
    std::string client_id;
};

struct static_token_data
{
    base::secret token;
};

struct callback_data
{
    token_callback get_token;
};

struct environment_data
{
};

struct chain_data
{
    std::vector<credential> links;
    bool remember = true;
};

/// The links are the environment's.
struct default_chain_data
{
};

struct credential_data
{
    using kinds = std::variant<no_credential, client_secret_data, client_certificate_data,
                               workload_identity_data, managed_identity_data, azure_cli_data,
                               device_code_data, static_token_data, callback_data, environment_data,
                               chain_data, default_chain_data>;

    explicit credential_data(kinds which) : what(std::move(which)) {}

    kinds what;
};

} // namespace kusto::detail
