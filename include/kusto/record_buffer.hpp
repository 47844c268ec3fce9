#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

namespace kusto
{

/// Growable byte buffer that records are encoded into. It never shrinks, so that encoding does not
/// allocate once the largest record has been seen.
///
/// \par Thread safety
/// Distinct objects: safe. Shared objects: unsafe.
class record_buffer
{
public:
    record_buffer() = default;
    record_buffer(record_buffer&& other) noexcept
        : data_(std::move(other.data_)),
          size_(std::exchange(other.size_, 0)),
          capacity_(std::exchange(other.capacity_, 0))
    {
    }
    record_buffer& operator=(record_buffer&& other) noexcept
    {
        data_ = std::move(other.data_);
        size_ = std::exchange(other.size_, 0);
        capacity_ = std::exchange(other.capacity_, 0);
        return *this;
    }

    /// Makes room for `count` more bytes and returns where they go; follow with `commit`.
    [[nodiscard]] char* prepare(std::size_t count)
    {
        if (capacity_ - size_ < count)
            grow(count);
        return data_.get() + size_;
    }
    /// Takes over `count` bytes written after `prepare`.
    void commit(std::size_t count) noexcept { size_ += count; }

    void append(std::string_view text)
    {
        if (text.empty())
            return;
        std::memcpy(prepare(text.size()), text.data(), text.size());
        size_ += text.size();
    }
    void push_back(char c)
    {
        *prepare(1) = c;
        ++size_;
    }

    void clear() noexcept { size_ = 0; }
    /// Drops everything after the first `size` bytes.
    void truncate(std::size_t size) noexcept { size_ = size; }

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }
    [[nodiscard]] char const* data() const noexcept { return data_.get(); }
    [[nodiscard]] char* data() noexcept { return data_.get(); }
    [[nodiscard]] std::string_view view() const noexcept { return {data_.get(), size_}; }

private:
    void grow(std::size_t count)
    {
        std::size_t capacity = capacity_ < 512 ? 1024 : capacity_ * 2;
        while (capacity - size_ < count)
            capacity *= 2;
        std::unique_ptr<char[]> bigger(new char[capacity]);
        if (size_ != 0)
            std::memcpy(bigger.get(), data_.get(), size_);
        data_ = std::move(bigger);
        capacity_ = capacity;
    }

    std::unique_ptr<char[]> data_;
    std::size_t size_ = 0;
    std::size_t capacity_ = 0;
};

} // namespace kusto
