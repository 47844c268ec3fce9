#pragma once

#include <kusto/error.hpp>

namespace kusto::doctor
{

/// Whether somebody in front of the service refused the request, such as a firewall for web
/// applications: a service says in JSON why it refuses (403), or nothing at all.
[[nodiscard]] bool is_page_of_somebody(failure const& why);

/// Whether the service knows who asks, and does not let him. What refuses the token, or is not the
/// service, says nothing of roles.
[[nodiscard]] bool lacks_role(failure const& why);

} // namespace kusto::doctor
