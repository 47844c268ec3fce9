#pragma once

#include <chrono>
#include <doctor/verdict.hpp>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kusto::doctor
{

/// A check that is to be made.
class step
{
public:
    /// \param needs  names of the checks that must not have failed
    step(std::string_view name_, std::string subject_, std::vector<std::string> needs_)
        : name(name_),
          subject(std::move(subject_)),
          needs(std::move(needs_))
    {
    }

    std::string name;
    std::string subject;
    std::vector<std::string> needs;
};

/// What was found so far, and what need not be looked at any more. Without I/O.
class findings
{
public:
    /// Whether something that `what` needs has failed or was skipped for that reason. Then it is
    /// noted as skipped, with the check that began it.
    [[nodiscard]] bool skips(step const& what);

    /// Notes `what` as skipped, and with it all that needs it. \param cause  a check's name
    void skip(step const& what, std::string const& cause, std::string detail);

    void add(step const& what, verdict judged, std::chrono::steady_clock::duration took = {});

    /// The time is over: `what` failed, and all that follow are skipped.
    void end_early(step const& what);

    [[nodiscard]] diagnosis take() { return std::move(found_); }

private:
    [[nodiscard]] std::optional<std::string> cause_of(std::string const& name) const;

    diagnosis found_;
    std::map<std::string, std::string> causes_; ///< of failed and skipped checks: what began it
    std::string late_;
};

} // namespace kusto::doctor
