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
source_ptr make_certificate_source(detail::client_certificate_data const&, std::string name,
                                   source_context const&)
{
    return pending(name);
}
source_ptr make_workload_identity_source(detail::workload_identity_data const&, std::string name,
                                         source_context const&)
{
    return pending(name);
}
source_ptr make_managed_identity_source(detail::managed_identity_data const&, std::string name,
                                        source_context const&)
{
    return pending(name);
}
} // namespace kusto::auth
