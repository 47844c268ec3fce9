#pragma once

#include "random.hpp"
#include "schedule.hpp"

namespace kusto::faults
{

/// Adds 1 to 4 rules to the script of `what`, and adapts what depends on them: `recovers`,
/// `outage`, `poll`.
void add_faults(dice& random, schedule& what);

} // namespace kusto::faults
