#pragma once

#include <kusto/credential.hpp>
#include <string>

namespace kusto::detail
{

enum class credential_kind
{
    none,
    client_secret,
    callback,
};

struct credential_data
{
    credential_kind kind = credential_kind::none;
    std::string client_id;
    std::string client_secret; ///< never printed
    std::string tenant_id;
    token_callback get_token;
};

} // namespace kusto::detail
