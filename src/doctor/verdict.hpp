#pragma once

#include <doctor/circumstances.hpp>
#include <kusto/doctor.hpp>
#include <kusto/error.hpp>
#include <string>
#include <string_view>
#include <utility>

namespace kusto::doctor
{

/// \name Names of checks
/// @{
inline constexpr std::string_view options_check = "options";
inline constexpr std::string_view trust_check = "trust";
inline constexpr std::string_view metadata_check = "metadata";
inline constexpr std::string_view token_check = "token";
inline constexpr std::string_view engine_check = "engine_service";
inline constexpr std::string_view ingestion_check = "ingestion_service";
inline constexpr std::string_view roles_check = "roles";
inline constexpr std::string_view resources_check = "resources";
inline constexpr std::string_view storage_check = "storage";
inline constexpr std::string_view queue_check = "queue";
inline constexpr std::string_view database_check = "database";
inline constexpr std::string_view table_check = "table";
inline constexpr std::string_view schema_check = "schema";
inline constexpr std::string_view mapping_check = "mapping";
inline constexpr std::string_view policies_check = "policies";
inline constexpr std::string_view clock_check = "clock";
/// @}

/// How a check ended, and why.
class verdict
{
public:
    [[nodiscard]] static verdict ok(std::string detail)
    {
        return verdict(check_state::ok, check_trouble::none, std::move(detail), {});
    }
    [[nodiscard]] static verdict warning(std::string detail, std::string remedy)
    {
        return verdict(check_state::warning, check_trouble::none, std::move(detail),
                       std::move(remedy));
    }
    [[nodiscard]] static verdict failed(check_trouble what, std::string detail, std::string remedy)
    {
        return verdict(check_state::failed, what, std::move(detail), std::move(remedy));
    }
    [[nodiscard]] static verdict skipped(std::string detail)
    {
        return verdict(check_state::skipped, check_trouble::none, std::move(detail), {});
    }

    check_state state;
    check_trouble trouble;
    std::string detail;
    std::string remedy;

private:
    verdict(check_state state_, check_trouble trouble_, std::string detail_, std::string remedy_)
        : state(state_),
          trouble(trouble_),
          detail(std::move(detail_)),
          remedy(std::move(remedy_))
    {
    }
};

/// What the failure of a check means, and what to do about it. The detail is a line without
/// control characters, signatures and tokens.
/// \param name  of the check
[[nodiscard]] verdict judge(std::string_view name, failure const& why,
                            circumstances const& with = circumstances());

/// The line about a failure that `judge` makes: with the ids that help to find it in the service's
/// journals, and with the host unless the message or `subject` has it.
[[nodiscard]] std::string describe(failure const& why, std::string_view subject = {});

} // namespace kusto::doctor
