#pragma once

#include <kusto/options.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace kusto::test
{

[[nodiscard]] inline bool has(std::string_view text, std::string_view part)
{
    return text.find(part) != std::string_view::npos;
}

/// Names of the problems, separated by blanks.
template <class Options>
[[nodiscard]] std::string names(Options const& options)
{
    std::string text;
    for (auto const& problem : options.problems())
        text.append(text.empty() ? "" : " ").append(problem.name);
    return text;
}

/// All problems as one text.
template <class Options>
[[nodiscard]] std::string all(Options const& options)
{
    auto problems = options.problems();
    return problems.empty() ? std::string() : options_error(std::move(problems)).what();
}

} // namespace kusto::test
