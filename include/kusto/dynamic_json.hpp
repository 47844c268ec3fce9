#pragma once

#include <boost/json/fwd.hpp>
#include <kusto/types.hpp>

/// \file
/// `dynamic` and Boost.JSON. Apart from `types.hpp`, so that only those who use Boost.JSON need it.

namespace kusto
{

/// Compact JSON text of the value. NaN and infinities become the strings `NaN`, `Infinity` and
/// `-Infinity`, as in the service's own output.
[[nodiscard]] dynamic to_dynamic(boost::json::value const& json);

/// \throws error `errc::invalid_record` if the text is not JSON
[[nodiscard]] boost::json::value to_json(dynamic const& value);

} // namespace kusto
