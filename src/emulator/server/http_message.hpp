#pragma once

#include <emulator/content_summary.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kusto::emulator
{

/// Header fields in the order received; names compare without case.
class header_list
{
public:
    void add(std::string name, std::string value);
    /// Replaces every field of that name.
    void set(std::string_view name, std::string value);
    /// The first value, or nullptr.
    [[nodiscard]] std::string const* find(std::string_view name) const noexcept;
    /// The first value, or empty.
    [[nodiscard]] std::string_view get(std::string_view name) const noexcept;
    [[nodiscard]] bool has(std::string_view name) const noexcept { return find(name) != nullptr; }
    [[nodiscard]] auto begin() const noexcept { return fields_.begin(); }
    [[nodiscard]] auto end() const noexcept { return fields_.end(); }

private:
    std::vector<std::pair<std::string, std::string>> fields_;
};

/// The decoded query of a request target. `+` is a blank, as storage front ends read it.
class query_parameters
{
public:
    query_parameters() = default;
    explicit query_parameters(std::string_view query);

    [[nodiscard]] std::string const* find(std::string_view name) const noexcept;
    [[nodiscard]] std::string get(std::string_view name) const;
    [[nodiscard]] bool has(std::string_view name) const noexcept { return find(name) != nullptr; }

private:
    std::vector<std::pair<std::string, std::string>> values_;
};

/// A request after HTTP framing is taken off; independent of the HTTP library.
struct request
{
    std::string method;
    std::string path;  ///< as sent, percent-encoded
    std::string query; ///< as sent, without `?`
    header_list headers;
    std::string body;
    std::optional<content_summary> discarded; ///< of a body that was not kept; `body` is empty
    std::string client_address = "127.0.0.1";
    bool tls = false;

    /// Splits a request target into path and query.
    void set_target(std::string_view target);
    [[nodiscard]] std::uint64_t body_size() const noexcept
    {
        return discarded ? discarded->size() : body.size();
    }
};

/// An answer before HTTP framing.
struct response
{
    int status = 200;
    header_list headers;
    std::string body;
    /// Length that HEAD announces although `body` is empty.
    std::optional<std::size_t> head_length;
    /// Close the connection after this answer.
    bool close = false;
};

[[nodiscard]] bool equal_no_case(std::string_view a, std::string_view b) noexcept;
[[nodiscard]] std::string lower_case(std::string_view text);

} // namespace kusto::emulator
