#pragma once

#include <kusto/proxy.hpp>
#include <string>
#include <vector>

namespace kusto::doctor
{

/// Where the proxy comes from, in words that people find it by. Says nothing of its URL, which may
/// hold a password.
class proxy_setting
{
public:
    proxy_setting() = default;
    /// Reads the environment, if that is where `given` gets its proxy from.
    explicit proxy_setting(kusto::proxy const& given);

    /// `HTTPS_PROXY`, `connection_options::proxy`; empty: there is no proxy.
    std::string by;
    /// `NO_PROXY`, `no_proxy`; empty: none is set, or there is no proxy.
    std::string bypass_by;
    /// Entries of that variable that mean nothing, and cover nothing, as they may be shown: in
    /// quotes, one line each.
    std::vector<std::string> not_understood;
};

} // namespace kusto::doctor
