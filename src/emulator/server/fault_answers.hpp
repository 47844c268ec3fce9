#pragma once

#include <emulator/server/encoding.hpp>
#include <emulator/server/fault_plan.hpp>

namespace kusto::emulator
{

/// What a `status` rule answers, in the error format of the request's route.
[[nodiscard]] response refusal(fault const& rule, port_role port, request const& http,
                               system_time now);

/// A success whose body is none of the service's: a page of something between client and service.
[[nodiscard]] response garbage();

} // namespace kusto::emulator
