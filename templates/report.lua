-- What the Markdown of a report becomes on its way to HTML: intervals get a class, so that they can be set smaller;
-- anything that our own templates never write (raw HTML, images other than the one figure) is dropped.

local figure = nil

local function interval_spans(inlines)
  local result = pandoc.List()
  local inside = nil
  for _, element in ipairs(inlines) do
    local text = element.t == 'Str' and element.text or nil
    if inside == nil and text and text:sub(1, 1) == '[' then inside = pandoc.List() end
    if inside then inside:insert(element) else result:insert(element) end
    if inside and text and text:sub(-1) == ']' then
      result:insert(pandoc.Span(inside, pandoc.Attr('', { 'interval' })))
      inside = nil
    end
  end
  if inside then result:extend(inside) end
  return result
end

local function only_figure(image)
  if figure == nil or image.src ~= figure then return {} end
  image.title = 'fig:' .. image.title -- how pandoc 2 tells a figure with a caption from an image in the text
  return image
end

return {
  { Meta = function(meta)
      local name = meta.figure and pandoc.utils.stringify(meta.figure) or ''
      if name ~= '' then figure = name end
    end },
  { Image = only_figure,
    RawInline = function() return {} end,
    RawBlock = function() return {} end,
    Table = function(table) return pandoc.walk_block(table, { Inlines = interval_spans }) end },
}
