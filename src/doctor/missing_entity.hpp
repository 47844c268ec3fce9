#pragma once

#include <kusto/error.hpp>

namespace kusto::doctor
{

/// What does not exist, as far as a failure tells.
enum class missing_entity
{
    none, ///< the failure is about something else
    database,
    table,
    unclear, ///< one of them
};

/// The service has one code for whatever does not exist, `BadRequest_EntityNotFound`, and tells in
/// words which it is; other codes name it.
[[nodiscard]] missing_entity missing_of(failure const& why);

/// The same failure as `errc::not_found`, whatever code the service chose.
[[nodiscard]] failure as_not_found(failure const& why);

} // namespace kusto::doctor
