#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace kusto::base
{

/// Text that is wiped before its memory is freed, and that nothing prints: there is no `operator<<`
/// and no conversion to text but `reveal`.
///
/// \par Thread safety
/// A value type.
class secret
{
public:
    secret() = default;
    /// Takes the text over and wipes what is left of it.
    explicit secret(std::string&& text);
    explicit secret(std::string_view text);
    secret(secret const& other);
    secret(secret&& other) noexcept;
    secret& operator=(secret other) noexcept;
    ~secret();

    /// Valid as long as this object is unchanged. Do not keep copies.
    [[nodiscard]] std::string_view reveal() const noexcept { return text_; }
    [[nodiscard]] bool empty() const noexcept { return text_.empty(); }
    [[nodiscard]] std::size_t size() const noexcept { return text_.size(); }

private:
    void wipe() noexcept;

    std::string text_;
};

/// Both in one piece of memory that was never smaller: where text grows, a part of a secret stays
/// behind.
[[nodiscard]] std::string in_one_piece(std::string_view first, std::string_view second);

/// Overwrites the whole memory of `text`, also what it no longer uses, and empties it.
void wipe(std::string& text) noexcept;

/// Overwrites memory of any kind.
void wipe(void* memory, std::size_t size) noexcept;

} // namespace kusto::base
