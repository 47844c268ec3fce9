#pragma once

#include <doctor/proxy_setting.hpp>
#include <string>

namespace kusto::doctor
{

/// What a judgement depends on beside the failure.
class circumstances
{
public:
    circumstances() = default;

    /// What was looked at; need not be said again.
    std::string subject;
    proxy_setting proxy;
    /// `credential::none`: requests carry no token.
    bool without_credential = false;
    /// `credential::static_token`: nothing can renew it.
    bool with_static_token = false;
    /// Nobody named the ingestion service, and it does not follow from the cluster's name: what to
    /// do about that; or empty.
    std::string ingestion_remedy;
};

} // namespace kusto::doctor
