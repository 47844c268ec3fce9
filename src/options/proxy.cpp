#include <kusto/proxy.hpp>

#include <array>
#include <base/ascii.hpp>
#include <base/environment.hpp>
#include <options/checks.hpp>
#include <options/proxy_data.hpp>
#include <utility>

namespace kusto
{

namespace
{

using detail::proxy_data;

std::shared_ptr<proxy_data const> make(proxy_data::source from)
{
    auto data = std::make_shared<proxy_data>();
    data->from = from;
    return data;
}

class named_value
{
public:
    char const* name = nullptr;
    base::secret value;
};

template <std::size_t Count>
named_value first_of(std::array<char const*, Count> const& names)
{
    named_value found;
    for (auto const* const name : names)
    {
        base::secret value(base::environment_variable(name));
        if (base::trim(value.reveal()).empty())
            continue;
        found.name = name;
        found.value = std::move(value);
        break;
    }
    return found;
}

/// Says where a value that may hold a password came from, and nothing of it.
std::string shown(std::string const& place, base::secret const& value)
{
    return place + " (" + std::to_string(value.size()) + " characters)";
}

options::proxy_choice from_environment()
{
    constexpr std::array proxies = {"HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"};
    constexpr std::array bypasses = {"NO_PROXY", "no_proxy"};
    options::proxy_choice choice;
    auto const where = first_of(proxies);
    if (where.name == nullptr)
        return choice;
    auto server = base::parse_proxy(where.value.reveal());
    if (!server)
    {
        std::string const variable = "environment variable " + std::string(where.name);
        choice.problems.push_back(
            {"proxy", shown(variable, where.value),
             server.error().message() + "; correct the variable, or set the option proxy"});
        return choice;
    }
    // Other programs read this list too, so an entry that only they understand is none of an error.
    auto bypass = base::proxy_bypass::parse(first_of(bypasses).value.reveal());
    choice.rules = base::proxy_rules(std::move(*server), std::move(bypass));
    return choice;
}

options::proxy_choice from_option(proxy_data const& given)
{
    options::proxy_choice choice;
    auto server = base::parse_proxy(given.url.reveal());
    auto bypass = base::proxy_bypass::parse(given.bypass);
    if (!server)
        choice.problems.push_back({"proxy", shown("URL", given.url), server.error().message()});
    for (auto const& entry : bypass.not_understood())
        choice.problems.push_back({"proxy", "bypass " + options::shown_url(entry),
                                   "*, a host or domain, an IP address or a network such as "
                                   "10.0.0.0/8, separated by commas"});
    if (choice.problems.empty())
        choice.rules = base::proxy_rules(std::move(*server), std::move(bypass));
    return choice;
}

} // namespace

proxy::proxy(std::shared_ptr<detail::proxy_data const> data) : data_(std::move(data)) {}

proxy proxy::from_environment()
{
    return proxy(make(proxy_data::source::environment));
}

proxy proxy::none()
{
    return proxy(make(proxy_data::source::none));
}

proxy proxy::at(std::string url, std::string bypass)
{
    auto data = std::make_shared<proxy_data>();
    data->from = proxy_data::source::given;
    data->url = base::secret(std::move(url));
    data->bypass = std::move(bypass);
    return proxy(std::move(data));
}

options::proxy_choice options::choose_proxy(proxy const& given)
{
    switch (given.data().from)
    {
    case proxy_data::source::environment:
        return from_environment();
    case proxy_data::source::given:
        return from_option(given.data());
    case proxy_data::source::none:
        break;
    }
    return proxy_choice();
}

} // namespace kusto
