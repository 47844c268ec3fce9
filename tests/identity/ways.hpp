#pragma once

#include "estate.hpp"

#include <functional>
#include <string>
#include <vector>

namespace kusto::test
{

/// Whom a credential asks for its tokens.
enum class token_issuer
{
    login,   ///< the login endpoint
    machine, ///< the Azure machine that the program runs on
    cli,     ///< the Azure CLI
    nobody   ///< somebody else has asked already
};

/// A way to sign in: what is in the environment of the machine, and nothing else. Only what no
/// connection string can say is in the code.
struct way
{
    std::string name;
    token_issuer issuer;
    std::function<void(estate const&, scoped_environment&)> prepare;
    std::function<credential(estate const&)> in_code = {};
};

/// Every credential in every form.
[[nodiscard]] std::vector<way> all_ways(estate const& on);

/// What the program does first, wherever it runs.
[[nodiscard]] connection_options options_for(way const& how, estate const& on);

/// The one of the way `callback`, for clients that are made from now on.
void set_callback(token_callback callback);

} // namespace kusto::test
