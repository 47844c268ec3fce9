#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kusto::wire
{

/// Body of a request as `application/x-www-form-urlencoded`. It is written into memory of the right
/// size, so that no part of a secret stays behind where it grew.
class form
{
public:
    /// \param value  outlives this object
    form& add(std::string_view name, std::string_view value);

    [[nodiscard]] std::string text() const;

private:
    std::vector<std::pair<std::string_view, std::string_view>> fields_;
};

/// The resource that a scope of `{resource}/.default` stands for; others are what they are.
[[nodiscard]] std::string_view resource_of(std::string_view scope) noexcept;

} // namespace kusto::wire
