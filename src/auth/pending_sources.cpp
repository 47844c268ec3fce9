#include <auth/sources.hpp>

namespace kusto::auth
{
namespace
{
source_ptr pending(std::string const& name)
{
    return make_failing_source(failure(errc::credential_unavailable, stage::token, name));
}
} // namespace
source_ptr make_azure_cli_source(detail::azure_cli_data const&, std::string name,
                                 source_context const&)
{
    return pending(name);
}
source_ptr make_device_code_source(detail::device_code_data const&, std::string name,
                                   source_context const&)
{
    return pending(name);
}
source_ptr make_environment_source(source_context const&)
{
    return pending("environment");
}
source_ptr make_chain_source(detail::chain_data const&, source_context const&)
{
    return pending("chain");
}
source_ptr make_default_chain_source(source_context const&)
{
    return pending("default chain");
}
} // namespace kusto::auth
