#include <kusto/options_error.hpp>

namespace kusto
{

namespace
{

std::string list_of(std::vector<option_problem> const& problems)
{
    std::string text;
    for (auto const& problem : problems)
    {
        text += text.empty() ? "" : "; ";
        text.append(problem.name).append(" = ").append(problem.value);
        text.append(", allowed: ").append(problem.allowed);
    }
    return text;
}

} // namespace

options_error::options_error(std::vector<option_problem> problems)
    : error(failure(errc::invalid_option, stage::options, list_of(problems))),
      problems_(std::move(problems))
{
}

} // namespace kusto
