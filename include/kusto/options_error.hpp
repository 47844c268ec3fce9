#pragma once

#include <kusto/error.hpp>
#include <string>
#include <vector>

namespace kusto
{

/// One thing that is wrong with a set of options.
struct option_problem
{
    std::string name;    ///< the option, as its header spells it
    std::string value;   ///< the value given, secrets left out
    std::string allowed; ///< what is allowed, with units
};

/// Thrown by constructors that take options: all problems at once, never only the first.
/// `code()` is `errc::invalid_option`.
class options_error : public error
{
public:
    explicit options_error(std::vector<option_problem> problems);
    [[nodiscard]] std::vector<option_problem> const& problems() const noexcept { return problems_; }

private:
    std::vector<option_problem> problems_;
};

} // namespace kusto
