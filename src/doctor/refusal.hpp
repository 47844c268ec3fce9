#pragma once

#include <kusto/error.hpp>

namespace kusto::doctor
{

/// Whether a web page came in place of an answer. A service's answers are JSON or plain text, and
/// have the id of an activity.
[[nodiscard]] bool holds_page(failure const& why);

/// Whether somebody in front of the service refused the request (403) with a web page, such as a
/// firewall for web applications.
[[nodiscard]] bool is_page_of_somebody(failure const& why);

/// Whether the service knows who asks, and does not let him. What refuses the token, or is not the
/// service, says nothing of roles.
[[nodiscard]] bool lacks_role(failure const& why);

} // namespace kusto::doctor
