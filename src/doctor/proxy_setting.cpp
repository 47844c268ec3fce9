#include <doctor/proxy_setting.hpp>

#include <array>
#include <base/ascii.hpp>
#include <base/environment.hpp>
#include <base/proxy_rules.hpp>
#include <base/secret.hpp>
#include <doctor/clean_text.hpp>
#include <options/checks.hpp>
#include <options/proxy_data.hpp>

namespace kusto::doctor
{

namespace
{

template <std::size_t Count>
std::string first_set(std::array<char const*, Count> const& names)
{
    for (auto const* const name : names)
    {
        base::secret const value(base::environment_variable(name));
        if (!base::trim(value.reveal()).empty())
            return name;
    }
    return {};
}

} // namespace

proxy_setting::proxy_setting(kusto::proxy const& given)
{
    // As `proxy::from_environment` promises: the first that is set and not empty.
    constexpr std::array proxies = {"HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"};
    constexpr std::array bypasses = {"NO_PROXY", "no_proxy"};
    using source = detail::proxy_data::source;
    auto const from = given.data().from;
    if (from == source::given)
        by = "connection_options::proxy";
    if (from != source::environment)
        return;
    by = first_set(proxies);
    if (by.empty())
        return;
    bypass_by = first_set(bypasses);
    if (bypass_by.empty())
        return;
    auto const list = base::environment_variable(bypass_by.c_str());
    auto const bypass = base::proxy_bypass::parse(list);
    for (auto const& entry : bypass.not_understood())
        not_understood.push_back(clean_text(options::shown_url(entry)));
}

} // namespace kusto::doctor
