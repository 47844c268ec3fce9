#pragma once

#include <string>

namespace kusto::test
{

/// A host name that the system refuses without asking a resolver, since its first label is longer
/// than names may have: no test waits for a network's DNS.
inline std::string const unresolvable_host = std::string(64, 'x') + ".invalid";

} // namespace kusto::test
