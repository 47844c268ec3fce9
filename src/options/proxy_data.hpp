#pragma once

#include <base/proxy_rules.hpp>
#include <base/secret.hpp>
#include <kusto/options.hpp>
#include <kusto/proxy.hpp>
#include <string>
#include <vector>

namespace kusto::detail
{

struct proxy_data
{
    enum class source
    {
        environment,
        none,
        given,
    };

    source from = source::environment;
    base::secret url;   ///< if given
    std::string bypass; ///< if given
};

} // namespace kusto::detail

namespace kusto::options
{

/// What `given` amounts to now; reads the environment if it says so.
class proxy_choice
{
public:
    base::proxy_rules rules;
    std::vector<option_problem> problems; ///< if there are any, `rules` are of no use
};

[[nodiscard]] proxy_choice choose_proxy(proxy const& given);

} // namespace kusto::options
